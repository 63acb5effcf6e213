dnl SPDX-License-Identifier: Apache-2.0
dnl Dependencies.  All that are missing are told at once, by the name of
dnl the Debian package that has them.

dnl MUSTER_MISSING(what, Debian package)
AC_DEFUN([MUSTER_MISSING], [
muster_missing="$muster_missing $1"
muster_install="$muster_install $2"
])

dnl MUSTER_PKG(PREFIX, pkg-config modules, Debian package, [fallback])
AC_DEFUN([MUSTER_PKG], [
PKG_CHECK_MODULES([$1], [$2], [], [
	$4
	AS_IF([test -z "$$1_LIBS"],
	    [MUSTER_MISSING([m4_bpatsubst([$2], [ .*])], [$3])])
])
])

dnl MUSTER_LIB(PREFIX, library, function, header, libs): for those that
dnl have no .pc file.  Leaves PREFIX_LIBS empty when it is not there.
AC_DEFUN([MUSTER_LIB], [
AC_ARG_VAR([$1_CFLAGS], [C compiler flags for $2])
AC_ARG_VAR([$1_LIBS], [linker flags for $2])
AS_IF([test -z "$$1_LIBS"], [
	AC_CHECK_HEADER([$4], [
		AC_CHECK_LIB([$2], [$3], [$1_LIBS="$5"], [], [])
	])
])
])

AC_DEFUN([MUSTER_MISSING_END], [
AS_IF([test -n "$muster_missing"], [AC_MSG_ERROR([missing:$muster_missing
    On Debian: apt-get install$muster_install])])
])
