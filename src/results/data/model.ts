// The wire format of the free-form data of a job or test: category, key and value.

import { Type as t } from '@sinclair/typebox'
import { nullable, optional, text } from '../../http/resource/fields'
import type { Shape } from '../../http/resource/shapes'

/** The longest value, in UTF-8. */
export const MAX_VALUE_BYTES = 1024 ** 2

export const newDatum = {
  category: optional(text({ min: 1, max: 255, description: '`default` unless told' })),
  key: text({ min: 1, max: 255 }),
  value: optional(nullable(text({ maxBytes: MAX_VALUE_BYTES, description: 'At most 1 MiB' }))),
} satisfies Shape

const fields = {
  category: t.String(),
  key: t.String(),
  value: t.Union([t.String(), t.Null()], { description: 'Exactly as it was sent' }),
}

const id = t.Union([t.Integer(), t.Null()], { description: 'null: a file, shown as a datum' })

export const testDatumItem = t.Object({ id, test: t.Integer(), ...fields })

export const jobDatumItem = t.Object({ id, job: t.String(), ...fields })

export interface DatumRow {
  id: number
  category: string
  key: string
  value: string | null
}
