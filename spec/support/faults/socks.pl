# A SOCKS5 proxy on 127.0.0.1, which connects to this machine whatever the host is.
# usage: perl socks.pl LOG BEHAVIOUR...
# Prints its port. The n-th connection gets the n-th behaviour, all later ones the last:
#   pass      a tunnel
#   password  a tunnel for the user anna, with the password in SOCKS_PASSWORD
#   4         this code instead of a tunnel (RFC 1928, section 6)
#   close     the end of the connection in place of the response
#   garbage   bytes that are not SOCKS
#   silent    no response
#   cut       a tunnel that ends at its first bytes
# The kind of address, host and port of each request are a line of LOG. It ends with its standard
# input.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;

my ($log, @behaviours) = @ARGV;
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';
$| = 1;

sub take {
  my ($client, $n) = @_;
  my $all = '';
  while (length $all < $n) { sysread($client, $all, $n - length $all, length $all) or exit }
  return $all;
}

sub log_in {
  my ($client) = @_;
  take($client, 1);
  my $user = take($client, ord take($client, 1));
  my $password = take($client, ord take($client, 1));
  my $known = $user eq 'anna' && $password eq $ENV{SOCKS_PASSWORD};
  syswrite $client, "\x01" . chr(!$known);
  exit unless $known;
}

sub greet {
  my ($client, $behaviour) = @_;
  my (undef, $count) = unpack 'CC', take($client, 2);
  my $methods = take($client, $count);
  my $method = $behaviour eq 'password' ? "\x02" : "\x00";
  $method = "\xff" if index($methods, $method) < 0;
  syswrite $client, "\x05$method";
  exit if $method eq "\xff";
  log_in($client) if $method eq "\x02";
}

sub read_request {
  my ($client) = @_;
  my $kind = ord substr take($client, 4), 3;
  my $host = $kind == 1 ? join '.', unpack 'C4', take($client, 4)
    : $kind == 3 ? take($client, ord take($client, 1)) : unpack 'H*', take($client, 16);
  my $port = unpack 'n', take($client, 2);
  open my $file, '>>', $log or die $!;
  syswrite $file, ($kind == 1 ? 'ipv4' : $kind == 3 ? 'name' : 'ipv6') . " $host $port\n";
  return $port;
}

sub copy_both {
  my ($client, $target) = @_;
  my $both = IO::Select->new($client, $target);
  my %other = ($client => $target, $target => $client);
  while (my @ready = $both->can_read) {
    for my $from (@ready) {
      my $n = sysread($from, my $piece, 65536) or return;
      my $at = 0;
      while ($at < $n) {
        my $written = syswrite($other{$from}, $piece, $n - $at, $at) or return;
        $at += $written;
      }
    }
  }
}

sub serve {
  my ($client, $behaviour) = @_;
  sleep 60 if $behaviour eq 'silent';
  return syswrite $client, "HTTP/1.1 400 Bad Request\r\n\r\n" if $behaviour eq 'garbage';
  greet($client, $behaviour);
  my $port = read_request($client);
  return if $behaviour eq 'close';
  my $code = $behaviour =~ /^\d$/ ? $behaviour : 0;
  my $target = $code ? undef
    : IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
  $code = 5 unless $code || $target;
  syswrite $client, pack 'C4 x6', 5, $code, 0, 1;
  return unless $target;
  return sysread $client, my $hello, 65536 if $behaviour eq 'cut';
  copy_both($client, $target);
}

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 100,
  ReuseAddr => 1) or die $!;
print $listener->sockport, "\n";
my $wait = IO::Select->new($listener, \*STDIN);
my $count = 0;
while (my @ready = $wait->can_read) {
  exit unless grep { $_ == $listener } @ready;
  my $client = $listener->accept or next;
  my $behaviour = $behaviours[$count < $#behaviours ? $count : $#behaviours];
  $count++;
  next if fork;
  close $listener;
  close STDIN;
  serve($client, $behaviour);
  exit;
}
