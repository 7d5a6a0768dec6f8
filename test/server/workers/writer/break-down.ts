// A write that is bad for its writer.

import { defineWrite } from '../../../../src/storage/named-operations'

/** Leaves an error behind that no request is to blame for, and nobody catches. */
export const breakDown = defineWrite('breakDown', async () => {
  setTimeout(() => {
    throw new Error('broken down')
  })
})
