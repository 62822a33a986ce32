# SPDX-License-Identifier: GPL-2.0-only
# NAME.c in tests/kernel, tests/debug, tests/examples or tests/unit is a program;
# tests/attacks and tests/fuzz are one each. The kernel's own tests get a library.
support_src := $(wildcard tests/support/*.c)
support_obj := $(support_src:%.c=$(B)/%.o)
kernel_tests := $(patsubst %.c,$(B)/%,$(wildcard tests/kernel/*.c \
	tests/debug/*.c tests/examples/*.c))
# Those that are of the library alone; its coverage is measured with them.
library_tests := $(patsubst %,$(B)/tests/kernel/%,abi library loop open \
	probe shapes spawn)
unit_tests := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*.c))
cxx_tests := $(patsubst %.cc,$(B)/%,$(wildcard tests/unit/*.cc))
attacks := $(B)/tests/attacks/attacks
fuzzer := $(B)/tests/fuzz/fuzz
attend := $(B)/tests/kselftest/attend.so
test_libs = $(lib_a) -lcmocka -lseccomp $(LDLIBS)
SECONDS := 60

# What the tests of the tool run under it
tool_targets := $(patsubst %.c,$(B)/%,$(wildcard tests/tools/*.c))

test-programs: kernel-programs unit-programs kselftest-programs $(attacks) \
	$(fuzzer) $(tool_targets)
kernel-programs: $(kernel_tests)
unit-programs: $(unit_tests) $(cxx_tests)
library-programs: $(library_tests)
kselftest-programs: $(attend)

$(tool_targets): $(B)/%: %.c
	@mkdir -p $(@D)
	$(CC) $(cflags) -pthread -o $@ $<

$(support_obj): $(B)/%.o: %.c $(wildcard tests/support/*.h) $(headers)
	@mkdir -p $(@D)
	$(CC) $(cflags) -c -o $@ $<

$(kernel_tests): $(B)/%: %.c $(support_obj) $(lib_a) \
		$(wildcard tests/support/*.h)
	@mkdir -p $(@D)
	$(CC) $(cflags) -Itests/support -pthread -o $@ $< $(support_obj) \
		$(test_libs)

# What it runs
$(B)/tests/examples/examples: | $(examples) $(B)/demo/race

$(attacks): $(wildcard tests/attacks/*.[ch]) $(support_obj) $(lib_a) \
		$(wildcard tests/support/*.h)
	@mkdir -p $(@D)
	$(CC) $(cflags) -Itests/support -pthread -o $@ $(filter %.c,$^) \
		$(support_obj) $(test_libs)

# What they need of the tool and the library, and nothing else of them
$(unit_tests): $(B)/%: %.c $(tools_a) $(lib_a)
	@mkdir -p $(@D)
	$(CC) $(cflags) -Itools/pinredir -pthread -Wl,--wrap=ioctl -o $@ $< \
		$(tools_a) $(test_libs)

$(cxx_tests): $(B)/%: %.cc $(lib_a)
	@mkdir -p $(@D)
	g++ -std=c++17 $(WARNINGS) -Iinclude $(CPPFLAGS) $(CFLAGS) -pthread \
		-Wl,--wrap=ioctl -o $@ $< $(test_libs)

$(fuzzer): $(wildcard tests/fuzz/*.[ch]) $(support_obj) $(lib_a) \
		$(wildcard tests/support/*.h)
	@mkdir -p $(@D)
	$(CC) $(cflags) -Itests/support -pthread -o $@ $(filter %.c,$^) \
		$(support_obj) $(test_libs)

$(attend): tests/kselftest/attend.c include/seccomp_pin.h
	@mkdir -p $(@D)
	$(CC) $(cflags) -fPIC -shared -o $@ $<

# SECONDS=N: how long; SEED=N: with the numbers of another run
fuzz: setup
	$(MAKE) programs
	tests/vm/run.sh -k "$$(tests/vm/kernel.sh debug)" \
		-m "$$(tests/vm/module.sh debug)" \
		-t $$(($(SECONDS) * 3 + 600)) -- \
		env $(if $(SEED),SEED=$(SEED)) $(fuzzer) $(SECONDS)

.PHONY: test-programs kernel-programs library-programs unit-programs
.PHONY: kselftest-programs fuzz
