# modules.sh - sourced inside of this directory: has what package-lock.json names.
for module in esbuild jssip playwright-core sip.js; do
    [ -d "node_modules/$module" ] || { npm ci --no-audit --no-fund --silent && break; }
done
