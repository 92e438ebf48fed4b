// The parts of a sum, which lie one after the other, added up: EACH are loaded before the first is added.

override PARTS: u32;

fn item(i: u32) {
    var sum = vec4f();
    let end = loop_end(PARTS, PARTS, i);
    for (var part = 0u; part < end; part += EACH) {
        var x: array<vec4f, EACH>;
        for (var k = 0u; k < EACH; k++) {
            x[k] = load_0((part + k) * COUNT + i);
        }
        for (var k = 0u; k < EACH; k++) {
            sum += x[k];
        }
    }
    store_1(i, sum);
}
