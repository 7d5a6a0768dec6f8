// The entry of the reader's worker. What takes memory is loaded with the first query.

import { runReader } from './run-reader'

runReader(async () => Object.values(await import('../operations')))
