# Forwards TCP connections to a Unix socket of PostgreSQL. Of each EVERY-th message of a client that
# matches PATTERN it eats the response: the server has carried it out, and the connection ends.
#   usage: perl eat.pl SOCKET EVERY PATTERN
# Prints its port, and at the end of its standard input how often it has done so.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;

my ($path, $every, $pattern) = @ARGV;
$SIG{PIPE} = 'IGNORE';
$| = 1;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64) or die $!;
print $server->sockport, "\n";
my ($seen, $eaten) = (0, 0);
my (%other, %eats);

sub end {
  delete $other{fileno $_}, delete $eats{fileno $_} for @_;
  close $_ for @_;
}

# $from is a client if $to is a server.
sub pass {
  my ($from, $to, $is_client) = @_;
  my $piece;
  return end($from, $to) unless sysread $from, $piece, 65536;
  if ($is_client) {
    $eats{fileno $to} = '' if $piece =~ /$pattern/s && ++$seen % $every == 0;
    syswrite $to, $piece;
  } elsif (!defined $eats{fileno $from}) {
    syswrite $to, $piece;
  } elsif (($eats{fileno $from} .= $piece) =~ /Z\x00\x00\x00\x05.$/s) { # it is ready for the next one
    $eaten++;
    end($from, $to);
  }
}

while (1) {
  my $ready = '';
  vec($ready, fileno($_), 1) = 1 for \*STDIN, $server, map { $_->[0] } values %other;
  select $ready, undef, undef, undef;
  last if vec $ready, fileno(STDIN), 1;
  if (vec $ready, fileno($server), 1) {
    my $client = $server->accept or next;
    my $target = IO::Socket::UNIX->new(Peer => $path) or next;
    $other{fileno $client} = [$client, $target, 1];
    $other{fileno $target} = [$target, $client, 0];
  }
  for my $fd (keys %other) {
    pass(@{$other{$fd}}) if $other{$fd} && vec $ready, $fd, 1;
  }
}
print "$eaten\n";
