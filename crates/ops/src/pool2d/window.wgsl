// A window an invocation: its largest element or its mean. Rows are added up first: many small elements after each
// other would be rounded the same way.

fn item(i: u32) {
    let window = cover(i);
    var largest = vec4f(LOWEST);
    var sum = vec4f();
    let rows = loop_end(window.rows, KERNEL_H * KERNEL_W, i);
    let columns = loop_end(window.columns, KERNEL_W, i);
    for (var row = 0u; row < rows; row++) {
        var of_row = vec4f();
        for (var column = 0u; column < columns; column++) {
            let x = load_0(window.first + (row * DILATION_H * INPUT_W + column * DILATION_W) * QUADS);
            if (LARGEST) {
                largest = max(largest, x);
            } else {
                of_row += x;
            }
        }
        sum += of_row;
    }
    if (LARGEST) {
        store_1(i, largest);
    } else {
        store_1(i, sum / window.divisor);
    }
}
