// Run in a process of its own: the names of the reads that the modules given as arguments bring along, as JSON.

import { queriesByName } from '../../../../src/storage/operations'

for (const path of process.argv.slice(2)) await import(path)
console.log(JSON.stringify([...queriesByName().keys()].sort()))
process.exit()
