// Reads the server's certificate and its key: --tls-cert and --tls-key.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describeReadError } from '../lib/system-errors'
import type { Certificate } from '../server/listener'
import { Failure, UsageError } from './terminal'

/**
 * Reads both files and checks that they belong together.
 *
 * @returns undefined when neither is set: no TLS.
 * @throws UsageError when only one is set; Failure when a file cannot be used
 */
export function readCertificate(files: {
  tlsCert: string | undefined
  tlsKey: string | undefined
}): Certificate | undefined {
  const { tlsCert, tlsKey } = files
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError('--tls-cert and --tls-key go together: give both, or neither.')
  }
  const [cert, key] = [read('--tls-cert', tlsCert), read('--tls-key', tlsKey)]
  if (!parseCertificate(cert, tlsCert).checkPrivateKey(parseKey(key, tlsKey))) {
    throw new Failure(`The key in ${tlsKey} is not that of the first certificate in ${tlsCert}.`)
  }
  return { cert, key }
}

function read(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Failure(`${flag} ${file}: ${describeReadError(error) ?? (error as Error).message}.`)
  }
}

function parseCertificate(text: string, file: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch {
    throw new Failure(`--tls-cert ${file}: this is no certificate in PEM ("-----BEGIN CERTIFICATE-----").`)
  }
}

function parseKey(text: string, file: string): KeyObject {
  if (text.includes('ENCRYPTED')) {
    throw new Failure(`--tls-key ${file}: the key is protected by a passphrase, which nobody can type here.`)
  }
  try {
    return createPrivateKey(text)
  } catch {
    throw new Failure(`--tls-key ${file}: this is no private key in PEM ("-----BEGIN PRIVATE KEY-----").`)
  }
}
