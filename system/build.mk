# SPDX-License-Identifier: GPL-2.0-only
# What systemd and udev read; they look in these places alone, whatever PREFIX is.
SYSTEMDIR ?= /usr/lib

install-system:
	install -d $(DESTDIR)$(SYSTEMDIR)/udev/rules.d \
		$(DESTDIR)$(SYSTEMDIR)/sysusers.d \
		$(DESTDIR)$(SYSTEMDIR)/modules-load.d
	install -m 644 system/60-seccomp-pin.rules \
		$(DESTDIR)$(SYSTEMDIR)/udev/rules.d
	install -m 644 system/seccomp-pin.sysusers.conf \
		$(DESTDIR)$(SYSTEMDIR)/sysusers.d/seccomp-pin.conf
	install -m 644 system/seccomp-pin.modules-load.conf \
		$(DESTDIR)$(SYSTEMDIR)/modules-load.d/seccomp-pin.conf

.PHONY: install-system
