// Kills the compiled binary with -9 at random moments under 64 writers, and looks for all that it had acknowledged.
//
//   bun run torture          200 times
//   bun run torture 20       so many times

import { Folder } from '../test/support/binary'
import { torture } from '../test/support/torture'

const rounds = Number(process.argv[2] ?? 200)
using folder = new Folder()
const start = performance.now()
const { acknowledged, unanswered, faults } = await torture(folder, rounds)
const seconds = Math.round((performance.now() - start) / 1000)
const total = Object.values(acknowledged).reduce((sum, count) => sum + count, 0)
console.log(`killed ${rounds} times in ${seconds} s; ${unanswered} writes unanswered, ${total} acknowledged:`)
for (const [kind, count] of Object.entries(acknowledged).sort()) console.log(`  ${count} ${kind}`)
console.log(`${faults.length} faults`)
for (const fault of faults.slice(0, 20)) console.log(fault)
if (faults.length > 0) process.exitCode = 1
