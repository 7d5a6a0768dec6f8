// How many of some results passed, failed, or did neither.

import { Type as t } from '@sinclair/typebox'

export const summaryItem = t.Object({ passed: t.Integer(), failed: t.Integer(), other: t.Integer() })
