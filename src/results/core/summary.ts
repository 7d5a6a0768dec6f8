// The wire format of a count of results by outcome.

import { Type as t } from '@sinclair/typebox'

export const summaryItem = t.Object({ passed: t.Integer(), failed: t.Integer(), other: t.Integer() })
