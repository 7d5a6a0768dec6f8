// argv -> command, exit code. The only file that acts when it is imported.

import { run } from './cli/program'

run(process.argv.slice(2), process.env).then((code) => {
  process.exitCode = code
})
