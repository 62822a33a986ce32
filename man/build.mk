# SPDX-License-Identifier: GPL-2.0-only
# The pages of section 3 are made of the kernel-doc in include/pinredir.h,
# seccomp_pin(4) of docs/abi.md and the comments in include/seccomp_pin.h,
# pinredir(1) of the tool's --help.
MANDIR ?= $(PREFIX)/share/man

man_release := seccomp-pin $(VERSION)
man_tools := $(wildcard tools/man*.py) tools/kerneldoc.py Makefile
man_sections := 3 4 7
man3 := $(B)/man/man3/.made
man4 := $(B)/man/man4/seccomp_pin.4
man7 := $(B)/man/man7/libpinredir.7
ifneq ($(wildcard tools/pinredir),)
man_sections += 1
man1 := $(B)/man/man1/pinredir.1
endif
python := python3 -B

man: $(man1) $(man3) $(man4) $(man7)

ifdef man1
$(man1): man/pinredir.1 $(pinredir) $(man_tools)
	@mkdir -p $(@D)
	$(python) tools/man1.py $< $(pinredir) "$(DATE)" "$(man_release)" >$@
endif

$(man3): include/pinredir.h $(wildcard man/examples/*.c) $(man_tools)
	$(RM) -r $(@D)
	$(python) tools/man3.py $< man/examples $(@D) "$(DATE)" "$(man_release)"
	touch $@

$(man4): docs/abi.md include/seccomp_pin.h $(man_tools)
	@mkdir -p $(@D)
	$(python) tools/man4.py docs/abi.md include/seccomp_pin.h "$(DATE)" \
		"$(man_release)" >$@

$(man7): man/libpinredir.7 include/pinredir.h examples/smallest.c $(man_tools)
	@mkdir -p $(@D)
	$(python) tools/man7.py $< include/pinredir.h "$(DATE)" \
		"$(man_release)" >$@

install-man: man
	set -e; for section in $(man_sections); do \
		install -d $(DESTDIR)$(MANDIR)/man$$section; \
		install -m 644 $(B)/man/man$$section/*.$$section \
			$(DESTDIR)$(MANDIR)/man$$section; \
	done

.PHONY: man install-man
