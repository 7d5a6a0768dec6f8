// Writes docs/settings.md and docs/cli.md from the table of settings and from the commands: `bun run docs`.
// test/suite/documentation.test.ts compares.

import { join } from 'node:path'
import { cliPage, settingsPage } from './docs/pages'

const docs = join(import.meta.dir, '../docs')

await Bun.write(join(docs, 'settings.md'), settingsPage())
await Bun.write(join(docs, 'cli.md'), cliPage())
