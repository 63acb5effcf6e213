#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# evidence-verify: a line of JSON about the verification of RECORDS (a
# million) records beside `openssl dgst -sha256` of the same bytes.
set -eu
: "${builddir:?}"
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
"$builddir/tests/bench/mkbundle" "$top" "${RECORDS:-1000000}" >/dev/null
"$builddir/tests/bench/evidence_verify" "$top/bundle"
