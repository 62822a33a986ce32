# SPDX-License-Identifier: GPL-2.0-only
# make demo      shows the main job
# make check     passes the tests
# docs/hacking.md has the other targets.

VERSION := 0.1.0
DATE := November 21, 2026
SONAME := libpinredir.so.0

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
CC ?= gcc
AR ?= ar
CFLAGS ?= -O2 -g
# The checks have WERROR=-Werror: a later compiler's new warning is not to keep users from
# building.
WARNINGS := -Wall -Wextra $(WERROR)
B := build

cflags := -std=gnu11 $(WARNINGS) -Iinclude $(CPPFLAGS) $(CFLAGS)

all: lib tools man

include lib/build.mk
include tools/build.mk
include examples/build.mk
include demo/build.mk
include tests/build.mk
include bench/build.mk
include system/build.mk
include man/build.mk

setup:
	tools/setup.sh

kernel: setup
	tests/vm/kernel.sh plain

demo: setup
	$(MAKE) demo-programs
	demo/demo.sh

check: setup
	$(MAKE) programs WERROR=-Werror
	tests/check.sh

kselftest: setup
	$(MAKE) tools
	tests/kselftest/run.sh compare

deb: setup
	tools/deb.sh $(B)/deb

kernel-deb: setup
	tools/kernel-deb.sh $(B)/kernel-deb

vm-shell: setup
	$(MAKE) programs
	tests/vm/run.sh -i -m "$$(tests/vm/module.sh plain)" -- bash

programs: lib tools examples demo-programs test-programs bench-programs

install: install-lib install-tools install-man

clean:
	rm -rf $(B)
	$(RM) module/*.o module/*.ko module/*.mod module/*.mod.c module/.*.cmd \
		module/modules.order module/Module.symvers

.PHONY: all setup kernel demo check kselftest deb kernel-deb vm-shell programs install clean
.DELETE_ON_ERROR:
