#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace likeness {

/// A TCP port of this machine that nobody listens at now.
inline int free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      ::bind(descriptor, generic, length) == 0 && ::getsockname(descriptor, generic, &length) == 0;
  ::close(descriptor);
  return bound ? ntohs(address.sin_port) : 0;
}

}  // namespace likeness
