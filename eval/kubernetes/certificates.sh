# Sourced by up: one private authority for everything that listens. A local user without these files gets no answer.
make_certificates() {
  local pki=$STATE/pki
  mkdir -p "$pki"
  key() { openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key"; }
  key ca && openssl req -x509 -new -key "$pki/ca.key" -subj "/CN=pavise-kubernetes" -days 30 -out "$pki/ca.crt"
  issue() {
    key "$1" && openssl req -new -key "$pki/$1.key" -subj "$2" -out "$pki/$1.csr"
    openssl x509 -req -in "$pki/$1.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -days 30 -out "$pki/$1.crt" -extfile <(printf '%s\n' "$3")
  }
  issue server "/CN=localhost" $'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth'
  issue client "/O=system:masters/CN=pavise-kubernetes" 'extendedKeyUsage=clientAuth'
  key service-account && openssl ec -in "$pki/service-account.key" -pubout -out "$pki/service-account.pub"
}
