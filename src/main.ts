// argv -> command, exit code. The only file that acts when it is imported.

import { run } from './cli/program'
import { warn } from './cli/terminal'

// Ctrl-D at a prompt leaves nothing that would go on: the program ends before the command does.
const endedEarly = () => {
  warn('Cancelled: nothing was changed.')
  process.exitCode = 1
}
process.once('beforeExit', endedEarly)

run(process.argv.slice(2), process.env).then((code) => {
  process.off('beforeExit', endedEarly)
  process.exitCode = code
})
