#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes configure from a checkout; then, in a folder of its own:
#   mkdir build && cd build && ../configure && make
set -eu
cd "$(dirname "$0")"
for tool in autoreconf:autoconf automake:automake libtoolize:libtool \
    pkg-config:pkg-config; do
	command -v "${tool%:*}" >/dev/null || {
		echo "autogen.sh: no ${tool%:*}." \
		    "On Debian: apt-get install ${tool#*:}" >&2
		exit 1
	}
done
exec autoreconf --install --warnings=all "$@"
