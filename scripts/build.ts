// Compiles dist/avocado-server for this machine. --baseline: for processors without AVX2, as QEMU's default one is.

import { $ } from 'bun'

const baseline = process.argv.includes('--baseline') && process.arch === 'x64'
const target = baseline ? ['--target=bun-linux-x64-baseline'] : []

// Not minified, and so not --production: Elysia reads the source of its handlers to learn what they use, and does
// not understand it with other names. It would save 1 MB of 120 and no time.
await $`bun build --compile --bytecode --minify-whitespace --minify-syntax --define process.env.NODE_ENV='"production"' ${target} --outfile dist/avocado-server src/main.ts`
