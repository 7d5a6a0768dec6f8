// Run in a process of its own: prints the names of the queries that the modules given as arguments define, as JSON.

import { queriesByName } from '../../../../src/storage/operations'

for (const path of process.argv.slice(2)) await import(path)
console.log(JSON.stringify([...queriesByName().keys()].sort()))
process.exit()
