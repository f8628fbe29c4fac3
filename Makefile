# SPDX-License-Identifier: Apache-2.0
# One Makefile, no configure; everything made lies in build/. Sources are
# found by pattern: a new file is built because it is there.

FLAVOUR ?= default
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
VERSION := 0.1.0
SOVERSION := 0

O := build/$(FLAVOUR)
OBJ := $(O)/obj

# ---- flavours --------------------------------------------------------------

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(FLAVOUR),default)
else ifeq ($(FLAVOUR),clang)
CC := clang
else ifeq ($(FLAVOUR),asan)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer
else ifeq ($(FLAVOUR),tsan)
SANITIZE := -fsanitize=thread
else ifeq ($(FLAVOUR),fuzz)
CC := clang
CFLAGS ?= -O1 -g
SANITIZE := -fsanitize=fuzzer-no-link,address,undefined \
    -fno-sanitize-recover=all -fno-omit-frame-pointer
else
$(error FLAVOUR is default, clang, asan, tsan or fuzz, not "$(FLAVOUR)")
endif

# ---- flags -----------------------------------------------------------------

CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla \
    -Wundef
DRIVER_PKGS := libmemcached hiredis msgpack liburiparser nettle zlib inih
FAKES_PKGS := libuv lua5.1 nettle
COMMAND_PKGS := jansson
PKGS := $(DRIVER_PKGS) $(FAKES_PKGS) $(COMMAND_PKGS)

# System headers are not ours to warn about. The sync calls of ZooKeeper's
# multi-threaded library are declared with THREADED only, and it has no .pc.
PKG_CFLAGS := $(patsubst -I%,-isystem%,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
DRIVER_LIBS := -lzookeeper_mt $(shell pkg-config --libs $(DRIVER_PKGS) 2>/dev/null) \
    -lpthread -ldl
LIBS := $(DRIVER_LIBS) \
    $(shell pkg-config --libs $(FAKES_PKGS) $(COMMAND_PKGS) 2>/dev/null) -lm
CRITERION := $(patsubst -I%,-isystem%,\
    $(shell pkg-config --cflags --libs criterion 2>/dev/null))

BASE := -std=gnu11 -D_GNU_SOURCE -DTHREADED -fPIC -pthread $(SANITIZE) \
    $(PKG_CFLAGS)
ALL_CFLAGS := $(BASE) $(CFLAGS) $(WARNINGS)

# What a source may include: driver and fakes never see each other.
GEN := $(O)/gen
INCLUDE_driver := -Idriver -I$(GEN)
INCLUDE_fakes := -Ifakes
INCLUDE_conformance := -Idriver -Ifakes -Iconformance
INCLUDE_ci := -Ici
INCLUDE = $(INCLUDE_$(firstword $(subst /, ,$*))) \
    $(if $(findstring /tests/,$*)$(findstring /fuzz/,$*),-Ici)

# Parallel, unless the caller says how.
ifeq ($(MAKELEVEL)$(filter -j% --jobs% --jobserver%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif
MAKEFLAGS += --no-print-directory --no-builtin-rules

# ---- sources ---------------------------------------------------------------

DRIVER := $(wildcard driver/*.c driver/legacy/*.c)
FAKES := $(wildcard fakes/*.c)
FAKES_PROGRAM := $(wildcard fakes/program/*.c)
PARITY := $(wildcard conformance/parity/*.c)
AGENT := $(wildcard conformance/agent/*.c)
OOM := $(wildcard conformance/oom/*.c)
CONFORMANCE := $(filter-out conformance/tests/% $(PARITY) $(AGENT) $(OOM),\
    $(wildcard conformance/*.c conformance/*/*.c))
COMMAND := $(wildcard driver/cli/*.c)
LUA := $(wildcard driver/redis/*.lua)
objects = $(patsubst %.c,$(OBJ)/%.o,$(1))
criterion_objects = $(patsubst %.c,$(O)/criterion/%.o,$(1))

EXAMPLES := $(patsubst driver/examples/%.c,$(O)/examples/%,\
    $(wildcard driver/examples/*.c))
UNITS := $(foreach part,driver fakes conformance,\
    $(if $(wildcard $(part)/tests/*.c),$(O)/unit-$(part)))
PROGRAMS := $(EXAMPLES) $(UNITS) $(if $(CONFORMANCE),$(O)/sg-conformance) \
    $(if $(FAKES_PROGRAM),$(O)/fakes) $(if $(PARITY),$(O)/sg-parity) \
    $(if $(AGENT),$(O)/sg-agent) $(if $(COMMAND),$(O)/servicegroup) \
    $(if $(OOM),$(O)/sg-oom)
LIBRARIES := $(O)/libservicegroup.a $(O)/libfakes.a

# Criterion does not run under ThreadSanitizer, and under AddressSanitizer it
# passes tests that leak: there the plain programs judge. A shared library of
# sanitized code is of no use to anybody.
ifneq ($(filter default clang,$(FLAVOUR)),)
PROGRAMS += $(addsuffix -criterion,$(UNITS)) $(O)/real
LIBRARIES += $(O)/libservicegroup.so
endif

# Fuzz targets: PART/fuzz/NAME.c is the program fuzz-PART-NAME; what targets
# share lies in PART/fuzz/common/. They are all that their flavour makes.
ifeq ($(FLAVOUR),fuzz)
fuzzers = $(patsubst $(1)/fuzz/%.c,$(O)/fuzz-$(1)-%,$(wildcard $(1)/fuzz/*.c))
fuzz_common = $(call objects,$(wildcard $(1)/fuzz/common/*.c))
PROGRAMS := $(call fuzzers,driver) $(call fuzzers,fakes)
endif

# ---- what is made ----------------------------------------------------------

.PHONY: all
all: $(PROGRAMS) $(LIBRARIES) ## everything (FLAVOUR=default|clang|asan|tsan)

# build/NAME is the default flavour's program.
ifeq ($(FLAVOUR),default)
LINKS := $(patsubst $(O)/%,build/%,$(filter-out $(EXAMPLES),$(PROGRAMS))) \
    $(if $(EXAMPLES),build/examples)
all: $(LINKS)
$(filter-out build/examples,$(LINKS)): build/%: $(O)/%
	@ln -sfn default/$* $@
build/examples: $(EXAMPLES)
	@ln -sfn default/examples $@
endif

# Rewritten only when they change: what was made with other flags, or from
# files that are gone, is made again. Scripts read flags as shell text.
define FLAGS_TEXT
CC='$(CC)'
BASE='$(BASE)'
CFLAGS='$(CFLAGS)'
WARNINGS='$(WARNINGS)'
LDFLAGS='$(LDFLAGS)'
LIBS='$(LIBS)'
GEN='$(GEN)'
endef
define SOURCES_TEXT
$(sort $(wildcard driver/*.c driver/*/*.c fakes/*.c fakes/*/*.c \
    conformance/*.c conformance/*/*.c ci/*.c ci/*/*.c) $(LUA))
endef
export FLAGS_TEXT SOURCES_TEXT
.PHONY: force
$(O)/flags: force
	@pkg-config --exists $(PKGS) criterion || { \
	    echo 'libraries are missing: sh ci/packages.sh build' >&2; exit 1; }
	@mkdir -p $(@D)
	@printf '%s\n' "$$FLAGS_TEXT" | cmp -s - $@ || \
	    printf '%s\n' "$$FLAGS_TEXT" >$@
$(O)/sources: force
	@mkdir -p $(@D)
	@printf '%s\n' "$$SOURCES_TEXT" | cmp -s - $@ || \
	    printf '%s\n' "$$SOURCES_TEXT" >$@

$(OBJ)/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(ALL_CFLAGS) $(INCLUDE) -MMD -MP -c -o $@ $<

$(O)/criterion/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(ALL_CFLAGS) $(INCLUDE) -DUNIT_CRITERION \
	    $(filter-out -l% -L%,$(CRITERION)) -MMD -MP -c -o $@ $<

ifneq ($(LUA),)
$(GEN)/redis_scripts.h: ci/embed.sh $(LUA) $(O)/sources
	@mkdir -p $(@D)
	@sh ci/embed.sh $(LUA) >$@.new && mv $@.new $@
$(call objects,$(DRIVER) $(wildcard driver/tests/*.c)) \
    $(call criterion_objects,$(wildcard driver/tests/*.c)): \
    | $(GEN)/redis_scripts.h
endif

$(O)/libservicegroup.a: $(call objects,$(DRIVER)) $(O)/sources
$(O)/libfakes.a: $(call objects,$(FAKES)) $(O)/sources
$(O)/%.a:
	@echo "  AR $@"
	@rm -f $@ && ar rcs $@ $(filter %.o,$^)

# Exported is what the two public headers name, and nothing else.
$(O)/exports.map: driver/servicegroup.h driver/backend.h
	@mkdir -p $(@D)
	@{ echo '{ global:'; grep -ohE '\bsg_[a-z0-9_]+(\(|\[|,|;)' $^ | \
	    sed 's/.$$/;/' | sort -u; echo 'local: *; };'; } >$@
$(O)/libservicegroup.so: $(call objects,$(DRIVER)) $(O)/exports.map $(O)/sources
	@echo "  LD $@"
	@$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -Wl,-z,defs -Wl,--as-needed \
	    -Wl,-soname,libservicegroup.so.$(SOVERSION) \
	    -Wl,--version-script=$(O)/exports.map -o $@ \
	    $(filter %.o,$^) $(DRIVER_LIBS)

DRIVER_A := $(O)/libservicegroup.a
FAKES_A := $(O)/libfakes.a
UNIT_PARTS := $(call objects,$(filter-out %/main.c,$(CONFORMANCE) $(PARITY)))

$(O)/sg-conformance: $(call objects,$(CONFORMANCE)) $(DRIVER_A) $(FAKES_A)
$(O)/fakes: $(call objects,$(FAKES_PROGRAM)) $(FAKES_A)
$(O)/sg-parity: $(call objects,$(PARITY)) $(FAKES_A)
$(O)/sg-agent: $(call objects,$(AGENT)) $(DRIVER_A)
# The driver with other names for malloc and its kin, which can be made fail.
$(O)/oom-driver.a: $(DRIVER_A) conformance/oom/symbols
	@echo "  OBJCOPY $@"
	@objcopy --redefine-syms=conformance/oom/symbols $< $@
$(O)/sg-oom: $(call objects,$(OOM) conformance/served.c) $(O)/oom-driver.a \
    $(FAKES_A)
$(O)/servicegroup: $(call objects,$(COMMAND)) $(DRIVER_A)
$(O)/real: $(call objects,$(wildcard ci/real/*.c))
$(EXAMPLES): $(O)/examples/%: $(OBJ)/driver/examples/%.o $(DRIVER_A)

unit_sources = $(wildcard $(1)/tests/*.c) ci/unit.c
$(O)/unit-driver: $(call objects,$(call unit_sources,driver)) $(DRIVER_A)
PROGRAM_PARTS := $(call objects,$(filter-out %/main.c,$(FAKES_PROGRAM)))
$(O)/unit-fakes: $(call objects,$(call unit_sources,fakes)) $(PROGRAM_PARTS) \
    $(FAKES_A)
$(O)/unit-conformance: $(call objects,$(call unit_sources,conformance)) \
    $(UNIT_PARTS) $(DRIVER_A) $(FAKES_A)
$(O)/unit-driver-criterion: \
    $(call criterion_objects,$(call unit_sources,driver)) $(DRIVER_A)
$(O)/unit-fakes-criterion: \
    $(call criterion_objects,$(call unit_sources,fakes)) $(PROGRAM_PARTS) \
    $(FAKES_A)
$(O)/unit-conformance-criterion: \
    $(call criterion_objects,$(call unit_sources,conformance)) \
    $(UNIT_PARTS) $(DRIVER_A) $(FAKES_A)
$(filter %-criterion,$(PROGRAMS)): MORE_LIBS = $(CRITERION)

# A target's own network and memory stand where libc's and libuv's would.
ifeq ($(FLAVOUR),fuzz)
wrap = -fsanitize=fuzzer $(addprefix -Wl$(comma)--wrap=,$(1))
comma := ,
$(call fuzzers,driver): $(O)/fuzz-driver-%: $(OBJ)/driver/fuzz/%.o \
    $(call fuzz_common,driver) $(DRIVER_A)
$(call fuzzers,driver): MORE_LIBS = $(call wrap,connect send sendmsg recv poll \
    malloc calloc realloc pthread_create pthread_join pthread_cond_timedwait)
$(call fuzzers,fakes): $(O)/fuzz-fakes-%: $(OBJ)/fakes/fuzz/%.o \
    $(call fuzz_common,fakes) $(FAKES_A)
$(call fuzzers,fakes): MORE_LIBS = $(call wrap,uv_tcp_bind uv_listen \
    uv_tcp_getsockname uv_accept uv_tcp_nodelay uv_tcp_connect uv_read_start \
    uv_read_stop uv_write uv_close uv_tcp_close_reset)
endif

# --as-needed: a program loads no library of which it uses nothing.
$(PROGRAMS): $(O)/sources
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(ALL_CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ \
	    $(filter %.o,$^) $(filter %.a,$^) $(LIBS) $(MORE_LIBS)

-include $(shell find $(O) -name '*.d' 2>/dev/null)

# ---- what is run -----------------------------------------------------------

RUN = @MAKE='$(MAKE)' sh

.PHONY: conformance check gate
conformance: ## set up, build, run every scenario on the three fakes
	+$(RUN) ci/conformance.sh
check: ## set up, build, every proof that needs no server; last line: counts
	+$(RUN) ci/check.sh
gate: ## the same scenarios on real Redis, memcached, ZooKeeper (one, three)
	+$(RUN) ci/gate.sh

.PHONY: check-asan check-tsan check-valgrind fuzz parity mutants headers
.PHONY: format-check
check-asan: ## unit tests and suite under AddressSanitizer and UBSan
	+$(RUN) ci/sanitize.sh asan
check-tsan: ## unit tests and suite under ThreadSanitizer
	+$(RUN) ci/sanitize.sh tsan
check-valgrind: all ## unit tests and suite under memcheck
	$(RUN) ci/memcheck.sh
fuzz: ## every parser and back end under libFuzzer for ten minutes
	+$(RUN) ci/fuzz.sh long
parity: all ## 100 000 generated operations a protocol, fake against real
	$(RUN) ci/parity.sh all
mutants: all ## every mutant of the driver must be caught by its own clause
	$(RUN) ci/mutants.sh
headers: all ## every header compiles alone; the public ones as C11 and C++17
	$(RUN) ci/headers.sh
format-check: ## red when clang-format would change a file
	$(RUN) ci/format.sh --check

.PHONY: format install clean help
format: ## clang-format every source in place
	$(RUN) ci/format.sh

define PC_TEXT
prefix=$(PREFIX)
libdir=$(LIBDIR)
includedir=$(INCLUDEDIR)

Name: libservicegroup
Description: Who belongs to a group of services, and who is still alive
Version: $(VERSION)
Requires.private: $(DRIVER_PKGS)
Libs: -L$${libdir} -lservicegroup
Libs.private: -lzookeeper_mt -lpthread -ldl
Cflags: -I$${includedir}
endef
export PC_TEXT

.PHONY: print-libs
print-libs: ## what a program that links the static library needs
	@echo $(DRIVER_LIBS)

install: $(LIBRARIES) ## library, headers, pkg-config file (PREFIX, DESTDIR)
	install -d "$(DESTDIR)$(INCLUDEDIR)" "$(DESTDIR)$(LIBDIR)/pkgconfig"
	install -m 644 driver/servicegroup.h driver/backend.h \
	    "$(DESTDIR)$(INCLUDEDIR)"
	install -m 644 $(O)/libservicegroup.a "$(DESTDIR)$(LIBDIR)"
	install -m 755 $(O)/libservicegroup.so \
	    "$(DESTDIR)$(LIBDIR)/libservicegroup.so.$(VERSION)"
	ln -sfn libservicegroup.so.$(VERSION) \
	    "$(DESTDIR)$(LIBDIR)/libservicegroup.so.$(SOVERSION)"
	ln -sfn libservicegroup.so.$(SOVERSION) \
	    "$(DESTDIR)$(LIBDIR)/libservicegroup.so"
	printf '%s\n' "$$PC_TEXT" \
	    >"$(DESTDIR)$(LIBDIR)/pkgconfig/libservicegroup.pc"

clean: ## remove build/
	rm -rf build

help: ## these lines
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | \
	    while IFS='|' read -r name text; do \
	    printf '  make %-16s %s\n' "$$name" "$$text"; done

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
