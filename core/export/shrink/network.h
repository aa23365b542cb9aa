/* {{ head }} */
#ifndef {{ NAME }}_H
#define {{ NAME }}_H

#include <stdint.h>

#define {{ NAME }}_PIXELS {{ pixels }}
#define {{ NAME }}_CLASSES {{ classes }}
#define {{ NAME }}_MEMORY {{ memory }} /* bytes between the layers, on the stack */
#define {{ NAME }}_SCORE_SCALE {{ score_scale }} /* a score times this is the logit */

static inline int {{ name }}_predict(const uint8_t image[{{ NAME }}_PIXELS], int32_t scores[{{ NAME }}_CLASSES]);

static const char *const {{ name }}_names[{{ NAME }}_CLASSES] = {
{{ names }}};

/* A convolution with its pooling. A dense layer is one over an image of one pixel. */
typedef struct {
    /* [out][kernel][kernel][in]{{ ", each plus 8 in half a byte, the lower first" if bits == 4 }} */
    const {{ weight_type }} *weights;
    const int32_t *bias;       /* [out] */
    const int32_t *multiplier; /* [out]: a sum is passed on times multiplier / 2^shift */
    const uint8_t *shift;      /* [out] */
    int32_t height, width, in; /* rows, columns and channels of the input */
    int32_t zero;              /* the input that counts as zero */
    int32_t kernel, margin;    /* rows of the kernel, and how many of them begin above the image */
    int32_t pool;              /* the largest of pool x pool sums counts */
    int32_t out_height, out_width, out;
} {{ name }}_layer;

/* The sum of inputs times weights, of which the first has this number. */
static inline int32_t {{ name }}_dot(const {{ name }}_layer *layer, const uint8_t *inputs, int32_t first,
                                     int32_t count)
{
    const int32_t zero = layer->zero;
    int32_t sum = 0, i = 0;
{% if bits == 8 %}
    for (const int8_t *weight = layer->weights + first; i < count; i++, weight++)
        sum += (inputs[i] - zero) * *weight;
{% else %}
    const uint8_t *pair = layer->weights + first / 2; /* of weights, each 8 more than it is */
    if (first % 2 == 1)
        sum += (inputs[i++] - zero) * ((*pair++ >> 4) - 8);
    for (; i + 1 < count; i += 2, pair++) {
        sum += (inputs[i] - zero) * ((*pair & 15) - 8);
        sum += (inputs[i + 1] - zero) * ((*pair >> 4) - 8);
    }
    if (i < count)
        sum += (inputs[i] - zero) * ((*pair & 15) - 8);
{% endif %}
    return sum;
}

/* One channel's sum where the kernel begins at this row and column; what lies outside the image is zero. */
static inline int32_t {{ name }}_sum(const {{ name }}_layer *layer, const uint8_t *inputs, int32_t row, int32_t column,
                                     int32_t channel)
{
    const int32_t left = column < 0 ? 0 : column;
    const int32_t right = column + layer->kernel < layer->width ? column + layer->kernel : layer->width;
    int32_t sum = layer->bias[channel];
    for (int32_t y = 0; y < layer->kernel; y++) {
        const int32_t weight = (channel * layer->kernel + y) * layer->kernel + left - column;
        if (row + y >= 0 && row + y < layer->height)
            sum += {{ name }}_dot(layer, inputs + ((row + y) * layer->width + left) * layer->in, weight * layer->in,
                                  (right - left) * layer->in);
    }
    return sum;
}

/* A sum, not negative, times the channel's factor, rounded to the nearest. */
static inline int64_t {{ name }}_scale(const {{ name }}_layer *layer, int32_t channel, int32_t sum)
{
    const int32_t shift = layer->shift[channel];
    return ((int64_t)sum * layer->multiplier[channel] + ((int64_t)1 << (shift - 1))) >> shift;
}

/* A hidden layer: the largest sum of each window or, if it is negative, zero (ReLU); as a byte. */
static inline void {{ name }}_hidden(const {{ name }}_layer *layer, const uint8_t *inputs, uint8_t *outputs)
{
    for (int32_t y = 0; y < layer->out_height; y++)
        for (int32_t x = 0; x < layer->out_width; x++)
            for (int32_t channel = 0; channel < layer->out; channel++) {
                int32_t largest = 0;
                for (int32_t i = 0; i < layer->pool * layer->pool; i++) {
                    const int32_t row = y * layer->pool + i / layer->pool - layer->margin;
                    const int32_t column = x * layer->pool + i % layer->pool - layer->margin;
                    const int32_t sum = {{ name }}_sum(layer, inputs, row, column, channel);
                    if (sum > largest)
                        largest = sum;
                }
                const int64_t scaled = {{ name }}_scale(layer, channel, largest);
                *outputs++ = (uint8_t)(scaled < 255 ? scaled : 255);
            }
}

{% for layer in layers %}

/* {{ layer.told }} */
{% for array in layer.arrays %}
static const {{ array.type }} {{ name }}_{{ array.name }}_{{ layer.number }}[{{ array.count }}] = {
{{ array.text }}};
{% endfor %}
static const {{ name }}_layer {{ name }}_layer_{{ layer.number }} = {
    {{ name }}_weights_{{ layer.number }},
    {{ name }}_bias_{{ layer.number }},
    {{ name }}_multiplier_{{ layer.number }},
    {{ name }}_shift_{{ layer.number }},
    {{ layer.shape }}};
{% endfor %}

/* The class of an image, and the scores of all classes. */
static inline int {{ name }}_predict(const uint8_t image[{{ NAME }}_PIXELS], int32_t scores[{{ NAME }}_CLASSES])
{
{% if calls %}
    uint8_t memory[{{ NAME }}_MEMORY];
{% endif %}
    const {{ name }}_layer *const last = &{{ name }}_layer_{{ layers | length }};
    int best = 0;
{% for call in calls %}
    {{ name }}_hidden(&{{ name }}_layer_{{ loop.index }}, {{ call.inputs }}, {{ call.outputs }});
{% endfor %}
    for (int channel = 0; channel < {{ NAME }}_CLASSES; channel++) {
        const int32_t sum = {{ name }}_sum(last, {{ last_inputs }}, 0, 0, channel);
        const int64_t score = {{ name }}_scale(last, channel, sum < 0 ? -sum : sum);
        scores[channel] = (int32_t)(sum < 0 ? -score : score);
        if (scores[channel] > scores[best])
            best = channel;
    }
    return best;
}

#endif
