/* Reads one picture of 28 x 28 from standard input and prints its class, then the score of every class.

   A picture is 784 raw bytes, or 784 numbers of 0 to 255 as text; row by row, 0 the paper, 255 the ink.

       cc -std=c99 -O2 example.c -o example
       tail -c +17 t10k-images-idx3-ubyte | head -c 784 | ./example */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "{{ stem }}.h"

/* How many pixels were found, more than there should be if some are none. */
static int read_pixels(const char *text, uint8_t *image)
{
    int count = 0;
    while (*(text += strspn(text, " \t\r\n,;[]")) != '\0') {
        char *end;
        const long value = strtol(text, &end, 10);
        if (end == text || value < 0 || value > 255 || count == {{ NAME }}_PIXELS)
            return {{ NAME }}_PIXELS + 1;
        image[count++] = (uint8_t)value;
        text = end;
    }
    return count;
}

int main(void)
{
    static char input[16 * {{ NAME }}_PIXELS];
    uint8_t image[{{ NAME }}_PIXELS];
    int32_t scores[{{ NAME }}_CLASSES];
    const size_t length = fread(input, 1, sizeof input - 1, stdin);
    if (length == {{ NAME }}_PIXELS) {
        memcpy(image, input, length);
    } else if (read_pixels(input, image) != {{ NAME }}_PIXELS) {
        fprintf(stderr, "wanted: %d bytes, or as many numbers of 0 to 255\n", {{ NAME }}_PIXELS);
        return EXIT_FAILURE;
    }
    printf("%s\n", {{ name }}_names[{{ name }}_predict(image, scores)]);
    for (int i = 0; i < {{ NAME }}_CLASSES; i++)
        printf("%s %ld\n", {{ name }}_names[i], (long)scores[i]);
    return EXIT_SUCCESS;
}
