# SPDX-License-Identifier: Apache-2.0
# Changes one value of a CSV without quotes: what a clerk does in the HR
# system.  -v key=1024 -v column=department -v value=Support
BEGIN { FS = OFS = "," }
NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) n = i }
NR > 1 && $1 == key { $n = value; found = 1 }
{ print }
END { if (!n || !found) exit 1 }
