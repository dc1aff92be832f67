# Prints the targets of the makefiles: lines "target: ... ## text", under headings "##@ text".
/^##@ / { printf "%s%s\n", heading++ ? "\n" : "", substr($0, 5) }
/^[a-z][a-z0-9-]*:.*## / {
  target = $1; sub(/:.*/, "", target)
  text = $0; sub(/.*## /, "", text)
  printf "  make %-18s %s\n", target, text
}
