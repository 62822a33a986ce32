# SPDX-License-Identifier: GPL-2.0-only
demo-programs: $(B)/demo/supervise $(B)/demo/race

$(B)/demo/supervise: demo/supervise.c tests/support/target.c $(lib_a)
	@mkdir -p $(@D)
	$(CC) $(cflags) -Itests/support -o $@ $^ -lseccomp

$(B)/demo/race: demo/race.c
	@mkdir -p $(@D)
	$(CC) $(cflags) -pthread -o $@ $^

.PHONY: demo-programs
