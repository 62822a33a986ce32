# SPDX-License-Identifier: GPL-2.0-only
examples := $(patsubst %.c,$(B)/%,$(wildcard examples/*.c))

examples: $(examples)

$(examples): $(B)/%: %.c $(lib_a) $(headers)
	@mkdir -p $(@D)
	$(CC) $(cflags) -pthread -o $@ $< $(lib_a) -lseccomp

.PHONY: examples
