# SPDX-License-Identifier: GPL-2.0-only
bench_src := $(wildcard bench/*.c)
bench_programs := $(B)/bench/bench

bench-programs: $(bench_programs)

$(B)/bench/bench: $(bench_src) $(wildcard bench/*.h) $(lib_a)
	@mkdir -p $(@D)
	$(CC) $(cflags) -pthread -o $@ $(bench_src) $(lib_a) -lseccomp


# KERNEL=NAME: on another variant of the kernel
bench: setup
	$(MAKE) lib bench-programs
	bench/run.sh $(KERNEL)

.PHONY: bench bench-programs
