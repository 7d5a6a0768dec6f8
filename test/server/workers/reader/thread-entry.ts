// What the reader's thread runs in tests: the real queries, and those of tests.

import { runReader } from '../../../../src/server/workers/run-reader'

runReader(async () => [
  ...Object.values(await import('../../../../src/server/named-operations')),
  await import('./queries'),
])
