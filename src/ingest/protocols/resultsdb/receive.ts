// Reads the body that ResultsDB's client posts, and identifies the sender, whose token may be in the body.

import { isCrossOriginForm } from '../../../auth/origin'
import { recheckRightDuringBody } from '../../../auth/plugin'
import { requireRight } from '../../../auth/rights'
import { mediaTypeOf, readBytes, receiveBytes } from '../../../http/request/body'
import { type BodyLimits, bodyBytes, checkContentLength } from '../../../http/request/body-bytes'
import { requestContext } from '../../../http/request/request-context'
import { MAX_UNIDENTIFIED_BYTES } from '../../../http/request/unidentified-bodies'
import { MISSING_CREDENTIALS } from '../../../http/response/errors'
import { Forbidden, TooLarge } from '../../../lib/errors'
import type { Identity } from '../../../lib/identity'
import { peek } from '../../body'
import type { IngestServices } from '../../services'
import { TOKEN_FIELD, tokenIn } from './body-token'
import { ResultsdbError } from './posted'

const WHERE = `Send them in the header Authorization, or a token as ${TOKEN_FIELD} in the first ${MAX_UNIDENTIFIED_BYTES} bytes of the body.`

interface Received {
  body: Record<string, unknown>
  user: Identity | undefined
}

/**
 * @returns a function that reads a body after checking the sender's right. It throws ResultsdbError 401 or Forbidden
 *   before it reads more than the first 4 KiB.
 */
export function receiver(services: IngestServices) {
  const { config, diskSpace } = services
  const credentials = services.credentials
  const unidentifiedBodies = services.unidentifiedBodies

  return async (
    request: Request,
    user: Identity | undefined,
    recheck: () => Promise<Identity | undefined>,
  ): Promise<Received> => {
    const { sender, source } =
      user || config.open
        ? await receiveIdentified(request, user, recheck)
        : await receiveUnidentified(request)
    diskSpace.require()
    const bytes = await receiveBytes(source)
    const body = await readBytes(request, bytes)
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new ResultsdbError(400, 'The body must be a JSON object.')
    }
    const token = (body as Record<string, unknown>)[TOKEN_FIELD]
    if (user || typeof token !== 'string') {
      if (!user && isCrossOriginForm(request)) throw new Forbidden()
      return { body: body as Record<string, unknown>, user: sender }
    }
    // With --open the token is not checked yet. Otherwise the body may have a second, different token further back.
    const bearer = await credentials.byToken(token)
    if (!bearer || (sender && sender.id !== bearer.id)) throw wrongToken()
    requireRight(bearer, 'add')
    return { body: body as Record<string, unknown>, user: bearer }
  }

  /** Accepts a body whose sender is identified by the request's headers, or anybody's with --open. */
  async function receiveIdentified(
    request: Request,
    user: Identity | undefined,
    recheck: () => Promise<Identity | undefined>,
  ) {
    requireRight(user, 'add')
    // The browser sent stored credentials along with another site's form, so a token in the form does not matter.
    if (user && isCrossOriginForm(request)) throw new Forbidden()
    recheckRightDuringBody(request, user, recheck)
    return { sender: user, source: bodyBytes(request, config, '--max-body') }
  }

  /** Accepts a body that must identify its sender in its beginning. */
  async function receiveUnidentified(request: Request) {
    const { token, isWhole, source } = await unidentifiedBodies.read(request, (limits) =>
      beginning(request, limits),
    )
    const sender = token === undefined ? undefined : await credentials.byToken(token)
    try {
      if (token === undefined) {
        throw new ResultsdbError(401, isWhole ? MISSING_CREDENTIALS : `${MISSING_CREDENTIALS} ${WHERE}`)
      }
      if (!sender) throw wrongToken()
      requireRight(sender, 'add')
      checkContentLength(request, config, '--max-body')
    } catch (error) {
      await source.return(undefined)
      throw error
    }
    requestContext(request).user = sender?.username
    recheckRightDuringBody(request, sender, () => credentials.byToken(token as string))
    return { sender, source: atMost(source, config.maxBodyBytes) }
  }

  /** Reads the beginning. The size is not checked yet: strangers do not learn that a body is too large. */
  async function beginning(request: Request, { bodyTimeoutSeconds }: BodyLimits) {
    const bytes = bodyBytes(request, { maxBodyBytes: Number.POSITIVE_INFINITY, bodyTimeoutSeconds })
    const { head, whole, isWhole } = await peek(bytes, MAX_UNIDENTIFIED_BYTES)
    return { token: tokenIn(head, mediaTypeOf(request), isWhole), isWhole, source: whole }
  }
}

function wrongToken(): ResultsdbError {
  return new ResultsdbError(401, `Invalid token in ${TOKEN_FIELD}.`)
}

async function* atMost(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    if (size > maxBytes) throw new TooLarge(maxBytes, '--max-body')
    yield chunk
  }
}
