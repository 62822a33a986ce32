# SPDX-License-Identifier: GPL-2.0-only
# All but main.c is in an archive, for the unit tests.
tools_obj := $(patsubst tools/pinredir/%.c,$(B)/tools/objects/%.o, \
	$(wildcard tools/pinredir/*.c))
tools_main := $(B)/tools/objects/main.o
tools_a := $(B)/tools/objects/pinredir.a
pinredir := $(B)/tools/pinredir
completions := $(PREFIX)/share/bash-completion/completions

tools: $(pinredir)

$(B)/tools/objects/%.o: tools/pinredir/%.c $(wildcard tools/pinredir/*.h) \
		$(headers) Makefile
	@mkdir -p $(@D)
	$(CC) $(cflags) -DVERSION='"$(VERSION)"' -pthread -c -o $@ $<

$(tools_a): $(filter-out $(tools_main),$(tools_obj))
	$(RM) $@
	$(AR) rcs $@ $^

$(pinredir): $(tools_main) $(tools_a) $(lib_a)
	@mkdir -p $(@D)
	$(CC) $(cflags) -pthread $(LDFLAGS) -o $@ $^ -lseccomp

install-tools: tools
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(completions)
	install -m 755 $(pinredir) $(DESTDIR)$(PREFIX)/bin
	install -m 644 tools/pinredir.bash $(DESTDIR)$(completions)/pinredir

.PHONY: tools install-tools
