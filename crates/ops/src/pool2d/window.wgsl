// A window an invocation: its largest element or its mean.

fn item(i: u32) {
    let window = cover(i);
    var largest = vec4f(LOWEST);
    var sum = vec4f();
    for (var row = 0u; row < window.rows; row++) {
        for (var column = 0u; column < window.columns; column++) {
            let x = load_0(window.first + (row * DILATION_H * INPUT_W + column * DILATION_W) * QUADS);
            if (LARGEST) {
                largest = max(largest, x);
            } else {
                sum += x;
            }
        }
    }
    if (LARGEST) {
        store_1(i, largest);
    } else {
        store_1(i, sum / window.divisor);
    }
}
