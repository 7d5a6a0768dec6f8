// Kills the compiled binary with -9 at random moments under 64 writers, and looks for all that it had acknowledged. Then
// runs again, at full scale, those of the tests whose inputs are smaller in the suite.
//
//   bun run torture          200 times
//   bun run torture 20       so many times

import { Folder } from '../test/support/binary'
import { AT_FULL_SCALE } from '../test/support/scale'
import { torture } from '../test/support/torture'

/** Of test/binary: those that ask for their scale. */
const SCALED = ['beside', 'faults', 'long-imports', 'upgrade']

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

const files = SCALED.map((name) => `test/binary/${name}.test.ts`)
const { exitCode } = Bun.spawnSync([process.execPath, 'test', ...files], {
  env: { ...process.env, [AT_FULL_SCALE]: '1' },
  stdout: 'inherit',
  stderr: 'inherit',
})
if (exitCode !== 0) process.exitCode = 1
