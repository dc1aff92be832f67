# Forwards TCP connections to a Unix socket.  usage: perl forward.pl ADDRESS SOCKET
# Prints its port.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;

my ($address, $path) = @ARGV;
$SIG{PIPE} = 'IGNORE';
$| = 1;
my $server = IO::Socket::INET->new(LocalAddr => $address, LocalPort => 0, Listen => 16,
  Proto => 'tcp') or die $!;
print $server->sockport, "\n";
my %other;
while (1) {
  my $ready = '';
  vec($ready, fileno($_), 1) = 1 for $server, map { $_->[0] } values %other;
  select($ready, undef, undef, undef);
  if (vec $ready, fileno($server), 1) {
    my $client = $server->accept or next;
    my $target = IO::Socket::UNIX->new(Peer => $path) or next;
    $other{fileno $client} = [$client, $target];
    $other{fileno $target} = [$target, $client];
  }
  for my $fd (keys %other) {
    next unless $other{$fd} && vec $ready, $fd, 1;
    my ($from, $to) = @{$other{$fd}};
    my $piece;
    next if sysread($from, $piece, 65536) && defined syswrite $to, $piece;
    delete @other{fileno($from), fileno($to)};
    close $_ for $from, $to;
  }
}
