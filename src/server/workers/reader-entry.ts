// The entry of the reader's worker. The modules are loaded with the first query, to save memory until then.

import { runReader } from './run-reader'

runReader(async () => Object.values(await import('../named-operations')))
