// The parts of a sum, which lie one after the other, added up.

override PARTS: u32;

fn item(i: u32) {
    var sum = load_0(i);
    for (var part = 1u; part < PARTS; part++) {
        sum += load_0(part * COUNT + i);
    }
    store_1(i, sum);
}
