dnl SPDX-License-Identifier: Apache-2.0
dnl Compiler and linker flags.  Each one is tried, with all those accepted
dnl before it, and left out when the compiler or linker does not know it.

dnl MUSTER_TRY_CFLAGS(VAR, flags...)
AC_DEFUN([MUSTER_TRY_CFLAGS], [
for muster_flag in m4_normalize([$2]); do
	AC_MSG_CHECKING([whether $CC takes $muster_flag])
	muster_saved="$CFLAGS"
	CFLAGS="$CFLAGS $$1 $muster_flag -Werror"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [[]])],
	    [AC_MSG_RESULT([yes]); $1="$$1 $muster_flag"],
	    [AC_MSG_RESULT([no])])
	CFLAGS="$muster_saved"
done
])

dnl MUSTER_TRY_LDFLAGS(VAR, flags...)
AC_DEFUN([MUSTER_TRY_LDFLAGS], [
for muster_flag in m4_normalize([$2]); do
	AC_MSG_CHECKING([whether the linker takes $muster_flag])
	muster_saved="$LDFLAGS"
	muster_saved_cflags="$CFLAGS"
	CFLAGS="$CFLAGS $HARDEN_CFLAGS"
	LDFLAGS="$LDFLAGS $$1 $muster_flag -Werror"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [[]])],
	    [AC_MSG_RESULT([yes]); $1="$$1 $muster_flag"],
	    [AC_MSG_RESULT([no])])
	LDFLAGS="$muster_saved"
	CFLAGS="$muster_saved_cflags"
done
])

AC_DEFUN([MUSTER_WARNINGS], [
WARN_CFLAGS=
MUSTER_TRY_CFLAGS([WARN_CFLAGS], [-Wall -Wextra -Wformat=2 -Wshadow
    -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers
    -Wmissing-prototypes
    -Wstrict-prototypes -Wold-style-definition -Wvla -Wundef
    -Wpointer-arith -Wwrite-strings -Wimplicit-fallthrough -Wtrampolines
    -Wbidi-chars=any -Wlogical-op -Wduplicated-cond
    -Werror=format-security -Werror=implicit
    -Werror=incompatible-pointer-types -Werror=int-conversion])
AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])
])

dnl The OpenSSF list for C.  FORTIFY needs an optimising compiler and does
dnl not go with sanitizers.  "-z nodlopen" is for programs: a provider that
dnl carried it could not be loaded.
AC_DEFUN([MUSTER_HARDEN], [
HARDEN_CPPFLAGS= HARDEN_CFLAGS= HARDEN_LDFLAGS= PROGRAM_LDFLAGS=
FUZZ_LDFLAGS= muster_sanitized=no
AS_IF([test "$enable_fuzzers" = yes], [
	muster_sanitized=yes
	muster_san="-fsanitize=fuzzer-no-link,address,undefined"
	FUZZ_LDFLAGS="-fsanitize=fuzzer,address,undefined"
	MUSTER_NEED_CFLAG([$FUZZ_LDFLAGS -c], [--enable-fuzzers needs CC=clang])
], [test "$enable_sanitizers" = yes], [
	muster_sanitized=yes
	muster_san="-fsanitize=address,undefined"
	MUSTER_NEED_CFLAG([$muster_san], [this compiler has no sanitizers])
])
MUSTER_TRY_CFLAGS([HARDEN_CFLAGS], [-fstack-clash-protection
    -fstack-protector-strong -fstrict-flex-arrays=3
    -fzero-init-padding-bits=all -fcf-protection=full
    -mbranch-protection=standard -fno-delete-null-pointer-checks
    -fno-strict-overflow -fno-strict-aliasing
    -ftrivial-auto-var-init=zero -fexceptions -fPIE])
AS_IF([test "$muster_sanitized" = yes], [
	HARDEN_CFLAGS="$HARDEN_CFLAGS $muster_san -fno-omit-frame-pointer"
	HARDEN_CFLAGS="$HARDEN_CFLAGS -fno-sanitize-recover=undefined"
	HARDEN_LDFLAGS="$muster_san"
], [MUSTER_FORTIFY])
MUSTER_TRY_LDFLAGS([HARDEN_LDFLAGS], [-Wl,-z,noexecstack -Wl,-z,relro
    -Wl,-z,now -Wl,--as-needed -Wl,--no-copy-dt-needed-entries])
MUSTER_TRY_LDFLAGS([PROGRAM_LDFLAGS], [-pie -Wl,-z,nodlopen])
AC_SUBST([HARDEN_CPPFLAGS])
AC_SUBST([HARDEN_CFLAGS])
AC_SUBST([HARDEN_LDFLAGS])
AC_SUBST([PROGRAM_LDFLAGS])
AC_SUBST([FUZZ_LDFLAGS])
AC_SUBST([muster_sanitized])
])

AC_DEFUN([MUSTER_FORTIFY], [
AC_MSG_CHECKING([for an optimising compile])
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#ifndef __OPTIMIZE__
#error
#endif
]], [[]])], [
	AC_MSG_RESULT([yes])
	HARDEN_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"
], [AC_MSG_RESULT([no; without FORTIFY])])
])

dnl MUSTER_NEED_CFLAG(flag, error)
AC_DEFUN([MUSTER_NEED_CFLAG], [
muster_saved="$CFLAGS"
CFLAGS="$CFLAGS $1"
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [], [AC_MSG_ERROR([$2])])
CFLAGS="$muster_saved"
])
