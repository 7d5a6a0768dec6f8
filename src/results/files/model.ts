// The wire format of a file in the list of a job's or a test's files.

import { Type as t } from '@sinclair/typebox'

export const fileItem = t.Object({
  path: t.String(),
  size: t.Integer({ minimum: 0 }),
  type: t.String({ description: 'The media type that `url` answers with' }),
  url: t.String({ format: 'uri' }),
})
