// Formats errors for ResultsDB's clients: one sentence in `message`.

import type { FailureWording } from '../../../http/response/errors'
import type { Explanation } from '../../../lib/errors'

export const resultsdbWording: FailureWording = {
  prefix: '/api/v2.0/',
  bodyOf: (explanation) => ({ message: sentenceOf(explanation) }),
}

function sentenceOf({ message, detail, ...fields }: Explanation): unknown {
  return (
    message ??
    detail ??
    Object.entries(fields)
      .map(([field, text]) => `${field}: ${text}`)
      .join(' ')
  )
}
