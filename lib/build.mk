# SPDX-License-Identifier: LGPL-2.1-or-later
lib_src := $(wildcard lib/*.c)
lib_obj := $(lib_src:%.c=$(B)/%.o)
lib_so := $(B)/lib/libpinredir.so.$(VERSION)
lib_a := $(B)/lib/libpinredir.a
lib_pc := $(B)/lib/pinredir.pc
headers := $(wildcard include/*.h)

lib: $(lib_so) $(lib_a) $(lib_pc)

# An exception of a C++ handler passes through it, and what is left to be done is done: as
# by pthread_cleanup_push(), which then costs nothing for a call that ends as it should.
$(B)/lib/loop.o: cflags += -fexceptions

$(B)/lib/%.o: lib/%.c $(wildcard lib/*.h) $(headers)
	@mkdir -p $(@D)
	$(CC) $(cflags) -fPIC -fno-semantic-interposition -c -o $@ $<

$(lib_so): $(lib_obj) lib/libpinredir.map
	$(CC) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs -Wl,-z,relro,-z,now \
		-Wl,--version-script=lib/libpinredir.map $(LDFLAGS) \
		-o $@ $(lib_obj) -lseccomp
	ln -sf $(@F) $(@D)/$(SONAME)
	ln -sf $(@F) $(@D)/libpinredir.so

$(lib_a): $(lib_obj)
	$(AR) rcs $@ $^

# Made each time: make install can have another PREFIX than make had.
$(lib_pc): lib/pinredir.pc.in
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		$< >$@

install-lib: lib
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)
	install -m 644 $(headers) $(DESTDIR)$(INCLUDEDIR)
	install -m 755 $(lib_so) $(DESTDIR)$(LIBDIR)
	cp -P $(B)/lib/$(SONAME) $(B)/lib/libpinredir.so $(DESTDIR)$(LIBDIR)
	install -m 644 $(lib_a) $(DESTDIR)$(LIBDIR)
	install -m 644 $(lib_pc) $(DESTDIR)$(LIBDIR)/pkgconfig

.PHONY: lib install-lib $(lib_pc)
