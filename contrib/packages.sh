# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Sourced by contrib/quickstart and contrib/test: what they need from the
# system, and the build out of tree.
#
# packages_need SET...     installs what is missing of build, peers, tests;
#                          touches no package manager when nothing is
# build_make SRC DIR       configures (with $CONFIGURE_FLAGS) and builds
#
# A line of a set: the Debian package, and what shows that it is there: a
# command, a pkg-config module (m:), a C header (h:) or a file (f:).

packages_of() {
	case $1 in
	build) cat <<-X
		gcc cc
		libc6-dev h:stdio.h
		make make
		pkg-config pkg-config
		libssl-dev m:libssl
		libcurl4-openssl-dev m:libcurl
		libsqlite3-dev m:sqlite3
		libmicrohttpd-dev m:libmicrohttpd
		libseccomp-dev m:libseccomp
		libldap-dev h:ldap.h
		libjq-dev h:jq.h
		X
		;;
	autotools) cat <<-X
		autoconf autoreconf
		automake automake
		libtool libtoolize
		X
		;;
	peers) cat <<-X
		slapd slapd
		ldap-utils ldapsearch
		openssl openssl
		python3 python3
		tzdata f:/usr/share/zoneinfo/Europe/Berlin
		X
		;;
	tests) cat <<-X
		libcmocka-dev m:cmocka
		libjson-c-dev m:json-c
		X
		;;
	ci) cat <<-X
		git git
		clang clang
		clang-format clang-format
		clang-tidy clang-tidy
		libclang-rt-14-dev f:/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a
		shellcheck shellcheck
		gdb gdb
		X
		;;
	esac
}

package_is_there() {
	case $1 in
	m:*) pkg-config --exists "${1#m:}" 2>/dev/null ;;
	f:*) for file in ${1#f:}; do [ ! -e "$file" ] || return 0; done
		return 1 ;;
	h:*) echo "#include <${1#h:}>" | cc -E - >/dev/null 2>&1 ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

packages_missing() {
	for s; do
		packages_of "$s"
	done | while read -r package shows; do
		package_is_there "$shows" || echo "$package"
	done
}

packages_need() {
	PATH=$PATH:/usr/sbin:/sbin
	missing=$(packages_missing "$@" | tr '\n' ' ')
	if [ -z "$missing" ]; then
		echo "Nothing has to be installed."
		return 0
	fi
	echo "Missing, by their Debian names: $missing"
	command -v apt-get >/dev/null || {
		echo "There is no apt-get here: install them in your" \
		    "system's way, then run this again." >&2
		return 1
	}
	packages_install || return 1
	missing=$(packages_missing "$@" | tr '\n' ' ')
	[ -z "$missing" ] || {
		echo "Still missing: $missing" >&2
		return 1
	}
}

# Debian starts a service when it installs it, unless policy-rc.d says no;
# the slapd here is a private one.
packages_install() {
	if [ "$(id -u)" -eq 0 ]; then
		root=
	elif command -v sudo >/dev/null; then
		root=sudo
	else
		echo "As root: apt-get install $missing" >&2
		return 1
	fi
	echo "Installing them with apt-get."
	rc=0 policy=
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		policy=/usr/sbin/policy-rc.d
		printf '#!/bin/sh\nexit 101\n' | $root tee $policy >/dev/null
		$root chmod 755 $policy
	fi
	# shellcheck disable=SC2086
	{ $root apt-get -qq update && $root env \
	    DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
	    -o DPkg::Lock::Timeout=300 --no-install-recommends install \
	    $missing >/dev/null; } || rc=$?
	[ -z "$policy" ] || $root rm -f $policy
	return $rc
}

is_newer() { [ -n "$(find "$1" -newer "$2" 2>/dev/null)" ]; }

# Prints where the sources with a configure are: a checkout has none, and
# one that cannot be written to is copied into DIR.
build_sources() {
	if [ -x "$1/configure" ] && ! is_newer "$1/configure.ac" \
	    "$1/configure"; then
		echo "$1"
		return
	fi
	if [ -w "$1" ]; then
		sources=$1
	else
		sources=$2/sources
		rm -rf "$sources"
		mkdir -p "$sources"
		(cd "$1" && tar cf - --exclude=./.git .) |
		    (cd "$sources" && tar xf -)
	fi
	"$sources/autogen.sh" >"$2/autogen.log" 2>&1 || {
		tail -n 20 "$2/autogen.log" >&2
		return 1
	}
	echo "$sources"
}

# What a build is made of: where it is, and the digest of each file.
build_sums() {
	(cd "$1" && pwd && find configure.ac Makefile.am include providers src \
	    tests -type f -exec sha256sum {} + 2>/dev/null | sort -k 2)
}

# Is the folder BUILD of another tree than SOURCES, or of files that make
# takes for old though they are others: unpacked from a tarball, say?
build_stale() {
	[ -f "$2/config.status" ] || return 1
	[ -f "$2/sources.sum" ] || return 0
	[ "$(head -n 1 "$2/sources.sum")" = "$(head -n 1 "$2/sources.new")" ] ||
	    return 0
	grep -vxF -f "$2/sources.sum" "$2/sources.new" |
	    sed 's/^[0-9a-f]*  //' | while read -r file; do
		is_newer "$1/$file" "$2/sources.sum" || echo "$file"
	done | grep -q .
}

# All that make would go by.
build_forget() {
	find "$1" -path "$1/sources" -prune -o -type f \( -name '*.o' -o \
	    -name '*.lo' -o -name '*.la' -o -name '*.a' -o -name '*.P*o' -o \
	    -name config.status \) -exec rm -f {} +
}

build_make() {
	mkdir -p "$2"
	build_sums "$1" >"$2/sources.new"
	if build_stale "$1" "$2"; then
		echo "$2 was made of other sources: it is built anew."
		build_forget "$2"
	fi
	from=$(build_sources "$1" "$2") || return 1
	if [ ! -f "$2/config.status" ] || is_newer "$from/configure" \
	    "$2/config.status"; then
		# shellcheck disable=SC2086
		(cd "$2" && "$from/configure" ${CONFIGURE_FLAGS:-} \
		    >configure.log 2>&1) || {
			grep -A 5 'error:' "$2/configure.log" >&2 ||
			    tail -n 5 "$2/configure.log" >&2
			return 1
		}
	fi
	mv "$2/sources.new" "$2/sources.sum"
	make -C "$2" -j "${JOBS:-$(nproc 2>/dev/null || echo 2)}" \
	    >"$2/make.log" 2>&1 || {
		grep -B 2 -A 4 'error:' "$2/make.log" >&2 ||
		    tail -n 20 "$2/make.log" >&2
		return 1
	}
}
