// How long a test may take, in one place: long, because others may use the machine, and tests seldom hang.

import { setDefaultTimeout } from 'bun:test'

const LIMIT_MS = 120_000

// Bun's own default is 5 s. bunfig.toml cannot say another one, and Bun forgets this one with the end of each file, so
// it is set again whenever a file of tests is about to be loaded.
Bun.plugin({
  name: 'patience',
  setup(build) {
    build.onResolve({ filter: /\.test\.tsx?$/ }, () => {
      setDefaultTimeout(LIMIT_MS)
      return undefined
    })
  },
})
