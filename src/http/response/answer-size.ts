// The error message for an answer that would be too large: it says how to ask for less.

import { MAX_ANSWER_BYTES } from '../../storage/answer-size'
import { pathOf, type RequestLike } from '../request/links'

const FEWER = 'ask for fewer a page with page_size'
const PARTS = 'leave out what it carries with omit=tests,activities'

/** The message depends on the URL. */
export function tooLargeSentence(request: RequestLike): string {
  const path = pathOf(request)
  return `This answer would be larger than ${MAX_ANSWER_BYTES / 1024 ** 2} MiB: ${adviceFor(path)}.`
}

function adviceFor(path: string): string {
  if (path.startsWith('/api/v2.0/')) {
    return 'ask for fewer with limit (ResultsDB has no page_size), or narrow them by groups, testcases or since'
  }
  if (/^\/jobs\/?$/.test(path)) return `${FEWER}, or ${PARTS}`
  return /^\/jobs\/[^/]+\/?$/.test(path) ? PARTS : FEWER
}
