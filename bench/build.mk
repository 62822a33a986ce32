# SPDX-License-Identifier: GPL-2.0-only
# execed.c is the program that targets execute, the others are the bench.
bench_src := $(filter-out bench/execed.c,$(wildcard bench/*.c))
bench_programs := $(B)/bench/bench $(B)/bench/execed

bench-programs: $(bench_programs)

$(B)/bench/bench: $(bench_src) $(wildcard bench/*.h) $(lib_a)
	@mkdir -p $(@D)
	$(CC) $(cflags) -pthread -o $@ $(bench_src) $(lib_a) -lseccomp

$(B)/bench/execed: bench/execed.c
	@mkdir -p $(@D)
	$(CC) $(cflags) -static -nostdlib -o $@ $<

# KERNEL=NAME: on another variant of the kernel
bench: setup
	$(MAKE) lib bench-programs
	bench/run.sh $(KERNEL)

.PHONY: bench bench-programs
